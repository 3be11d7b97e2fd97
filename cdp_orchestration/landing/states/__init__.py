"""How the sources stand: paused, late, delivering files that no stream reads, or with files that wait."""
