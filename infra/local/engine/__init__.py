"""The engine, which is the emulator in place of AWS: it is started, filled with the stack, and called."""
