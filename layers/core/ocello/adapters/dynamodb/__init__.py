"""The app table: keys, rows, cursors, errors; the stores stand in a folder for each subject."""
