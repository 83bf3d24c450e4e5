"""On air: mixer, outputs, as-run log.  Kept free of imports: the mixer's process must stay small."""
