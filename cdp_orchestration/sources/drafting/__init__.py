"""A declaration drafted from a sample: what its headings and values say, guessed by rule, for a person to correct."""
