"""Incidents that happened, tried again against the real gate on a simulated fleet."""
