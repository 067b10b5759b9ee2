"""Who does what when: plan, push, pull, queue, schedule."""
