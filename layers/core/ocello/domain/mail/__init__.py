"""Mail as bytes and text: addresses, composing, MIME, bodies, threads and rewriting."""
