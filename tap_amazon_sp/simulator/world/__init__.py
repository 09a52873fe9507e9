"""What all made-up data rests on: parameters of a world, marketplaces, products, time."""
