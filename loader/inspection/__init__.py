"""What is in a file, told before there is a template: kinds of cells, ranges, oddities, column by column; nothing is converted."""
