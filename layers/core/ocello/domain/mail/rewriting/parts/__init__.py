"""The parts of a mail: headers, transfer encodings, charsets, and which of them are rewritten."""
