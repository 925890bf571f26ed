"""Rules that are published so often that many have them unread: what they read, and their limit.

Facts only: names of metrics and a number. A rule of one's own that comes to the same is asked about, too.
"""

from __future__ import annotations

FORMS: frozenset[tuple[str, float]] = frozenset(
    (
        ("node_memory_MemAvailable_bytes node_memory_MemTotal_bytes", 10.0),
        ("node_memory_MemAvailable_bytes node_memory_MemTotal_bytes", 0.1),
        ("node_memory_MemAvailable_bytes node_memory_MemTotal_bytes", 90.0),
        ("node_filesystem_avail_bytes node_filesystem_size_bytes", 10.0),
        ("node_filesystem_avail_bytes node_filesystem_size_bytes", 0.1),
        ("node_filesystem_avail_bytes node_filesystem_size_bytes", 5.0),
        ("node_filesystem_avail_bytes node_filesystem_size_bytes", 3.0),
        ("node_filesystem_files node_filesystem_files_free", 10.0),
        ("node_filesystem_files node_filesystem_files_free", 5.0),
        ("node_cpu_seconds_total", 80.0),
        ("node_cpu_seconds_total", 90.0),
        ("node_cpu_seconds_total", 0.8),
        ("node_memory_SwapFree_bytes node_memory_SwapTotal_bytes", 80.0),
        ("node_vmstat_oom_kill", 0.0),
        ("node_vmstat_pgmajfault", 1000.0),
        ("node_network_receive_errs_total node_network_receive_packets_total", 0.01),
        ("node_network_transmit_errs_total node_network_transmit_packets_total", 0.01),
        ("node_timex_offset_seconds", 0.05),
        ("up", 10.0),
        ("kube_pod_container_status_restarts_total", 3.0),
        ("container_cpu_cfs_periods_total container_cpu_cfs_throttled_periods_total", 0.25),
        ("mysql_global_status_max_used_connections mysql_global_variables_max_connections", 80.0),
        ("mysql_global_status_threads_connected mysql_global_variables_max_connections", 80.0),
        ("pg_settings_max_connections pg_stat_activity_count", 0.8),
        ("pg_settings_max_connections pg_stat_database_numbackends", 80.0),
        ("redis_memory_max_bytes redis_memory_used_bytes", 90.0),
        ("redis_memory_used_bytes redis_total_system_memory_bytes", 90.0),
        ("redis_config_maxclients redis_connected_clients", 90.0),
        ("probe_ssl_earliest_cert_expiry", 1_728_000.0),
        ("probe_ssl_earliest_cert_expiry", 2_592_000.0),
        ("probe_http_duration_seconds", 1.0),
        ("probe_icmp_duration_seconds", 1.0),
    )
)
"""Metrics in the order of their names, with a space between, and the threshold."""
