"""What may be sold: producers, products, certificates, variants, stock."""
