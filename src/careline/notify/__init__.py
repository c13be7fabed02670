"""Ways to reach people, one folder each. A notice holds no patient data: a reference, the urgency and a link."""
