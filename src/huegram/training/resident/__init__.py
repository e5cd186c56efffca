"""Examples made on the accelerator, of photographs that are kept in its memory."""
