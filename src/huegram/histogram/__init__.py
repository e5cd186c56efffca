"""Colors and distributions over colors: bins, targets, rules. Pure numpy."""
