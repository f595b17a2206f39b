"""Bulk imports of files: what may be imported, how a file is read, and how far an import is."""
