"""Keeps the table of networks fresh."""
