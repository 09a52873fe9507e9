"""What is made up for everyone: marketplaces, products, people, time and chance."""
