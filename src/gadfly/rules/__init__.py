"""Rules in PromQL: what they are, read from files and configuration, evaluated, shown, and tried out.

:mod:`.rule` what a rule is · :mod:`.files` Prometheus' YAML · :mod:`.declared` ``[rule.NAME]`` ·
:mod:`.template` Go's templates in labels and annotations · :mod:`.active` from pending to firing, pure ·
:mod:`.evaluate` one rule at one time · :mod:`.ruler` the groups in their time · :mod:`.trial` unit tests
"""
