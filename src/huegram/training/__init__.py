"""Training (torch): setup -> main -> fit -> validate."""
