"""The programs of the demo fleet: how a service gets into the picture, and how it fails when told to."""
