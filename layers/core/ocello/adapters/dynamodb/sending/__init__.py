"""The stores in the app table that decide whose copy is sent next."""
