"""On air: mixer, sources, outputs, transmitter, as-run log."""
