"""Grants: who may do what to which components."""
