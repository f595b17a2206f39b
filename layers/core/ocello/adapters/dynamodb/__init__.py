"""The app table: keys, rows, cursors and errors. The stores are in a folder for each subject."""
