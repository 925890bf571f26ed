"""The programs of the demo fleet: what a service has to do to be in the picture, and how it fails when told to."""
