"""The pages of looking after others' words that whoever it concerns sees, a module for each noun."""
