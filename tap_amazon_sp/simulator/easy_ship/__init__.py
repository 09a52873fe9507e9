"""Easy Ship: packages that Amazon picks up from the seller."""
