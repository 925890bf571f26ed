"""Series that have outgrown one node: sent on to a store elsewhere, and read back from there.

`spool` keeps what is to be sent in files that the store wrote anyway, `sender` sends it in order, `reading`
asks for samples, and `series` is the node's store as everybody else sees it.
"""
