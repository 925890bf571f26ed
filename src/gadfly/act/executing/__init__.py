"""The point of effect: permissions, the lease under which executors act, and the board of stops they see."""
