"""What a person types and reads: the ``cdp`` command, its tables and its messages. No decision about data is made here.

Rooms: ``cli`` (the commands), ``questions`` (those that only read), ``identity_cli`` (decisions about records and
models), ``notify_cli`` and ``doctor_cli``, ``syncing`` (a sync and what stands after it), ``dev`` (Dagster's UI),
``status``, ``status_report``, ``standing``, ``summaries`` and ``explanation_report`` (what is shown), ``tables`` and
``plain_text`` (the one way to print), ``json_shapes`` (what ``--json`` prints), ``errors``, ``quick_start``.

**Values are text.** Every value from data, files, errors or users passes through ``plain_text.text`` before it is
printed: brackets stay brackets, and each character that a terminal would obey or hide is shown as its escape
sequence.

**JSON for programs.** ``--json`` of ``status``, ``profile``, ``explain`` and ``releases`` prints one value of the
shapes in ``json_shapes``; fields are only added. Times are ISO 8601. Letters of every alphabet stay readable, control
characters are JSON escapes.

- ``cdp status --json``: ``{home, health, exit_code, live_release: {release_id, created_at, age_seconds, gates_passed,
  folder, tables: {name: rows}} | null, findings: [{kind, severity, subject, what, remedy, since, counts, run_id,
  details}], sources: [{stream, state, last_delivery, expected_within_seconds, paused_since, refused_files,
  refused_rows, refused_values, undeclared_columns, not_fetched}] | null, objections, unfinished, notices, syncs:
  [{run_id, status, started_at, ended_at}], candidate_model: {model_version, compared_with, record_count, ...} | null}``
- ``cdp doctor --json``: ``[{check, verdict, found, remedy}]``
- ``cdp releases list --json``: ``[{release_id, is_live, pinned_by, pinned_why, problem, created_at, folder,
  profile_count, code_version, model_version, sources: [{source, stream, state, since, why}]}]``, the live one first;
  problem says why one cannot be read; sources has those that were paused, stale or degraded when it was cut
- ``cdp releases diff A B --json``: ``{before, after, profiles: {created, merged, split, retired, changed, same,
  moved_records}, tables: [{table, rows_before, rows_after, columns, is_same}], audiences, measures: [{name, unit,
  before, after}]}``
- ``cdp profile X --json``: ``{profile: row, metrics: row, records: [row], identifiers: [row], journeys: [row],
  touchpoints: [row]}``; a row has the columns of the published table
- ``cdp explain A B --json``: ``{left, right: {profile_id, person_record_ids}, is_one_profile, verdict, reasons,
  links, closest, conflict, missed_rules, decisions}``; weights are bits, the values of the records are left out

**Quick.** A question costs at most 1.5 s of CPU, its start included, ``cdp --help`` 0.5 s (``make bench`` shows
them): Dagster, dbt, Great Expectations, pandas and scipy are not imported on the way, and a test proves it. ``cdp
explain`` needs Splink, which takes most of its time to write the SQL of the comparisons.

Exit codes: 0, 1 for an error with its remedy on one line, 2 for a wrong option; of ``status`` and ``doctor`` 0, 1 or 2
for what they found.
"""
