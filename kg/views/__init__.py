"""Looking at a graph: pages to open in a browser.

view("my.kg", "lora.html", around="LoRA")
"""

from __future__ import annotations

from kg.views.write import Report, view

__all__ = ["Report", "view"]
