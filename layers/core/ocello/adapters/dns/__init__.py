"""Looks up the domain name system."""
