"""What control functions do: the screen, built up in layers.

``Canvas`` has the state; each further class adds the functions that need only those
before it. On the grid: ``Writing``, ``Motion``, ``Editing``, ``Rectangles``. Between
program and terminal: ``Dialogue``, ``Window``, ``Switching``, ``Reports``; ``Screen``.
"""
