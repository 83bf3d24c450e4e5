"""Neural engines.  These modules are imported only inside the host process, never by the station's own."""
