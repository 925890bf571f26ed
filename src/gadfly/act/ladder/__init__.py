"""The ladder of autonomy, and the record that it is climbed by."""
