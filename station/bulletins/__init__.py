"""From paper to text in reading order: intake, page preparation, OCR, layout."""
