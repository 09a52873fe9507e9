"""Operations without a folder of their own, made from the models."""
