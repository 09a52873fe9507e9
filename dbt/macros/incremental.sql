{#
    Incremental models read what the loader has written since the newest row that they have. They
    use `delete+insert` on both databases: `merge` on DuckDB would keep the older of two rows, and
    a model with a row for each part of a record must lose the parts that are gone. So the
    `unique_key` of such a model is the key of the record, not of the part.
#}

{% macro is_new(loaded_at='loaded_at') %}
    {#- A condition that is true of all rows in a full build, and else of those to read (again).

        loaded_at: The time at which the loader wrote the row. If it does not say so, the row is
            always read. -#}
    {%- if is_incremental() -%}
({{ loaded_at }} is null or {{ loaded_at }} > (
    select coalesce(max(built.loaded_at), timestamp with time zone '1970-01-01 00:00:00+00')
        - interval '{{ var("amazon_sp_lookback_minutes") | int }} minutes'
    from {{ this }} as built
))
    {%- else -%}
true
    {%- endif -%}
{% endmacro %}

{% macro fingerprint(columns) %}
    {#- A text that differs if one of the columns differs. -#}
md5(concat_ws('|'
    {%- for column in columns %}, coalesce(cast({{ column }} as {{ dbt.type_string() }}), '~'){% endfor -%}
))
{%- endmacro %}

{% macro has_changed(keys, rows) %}
    {#- A condition that is false of records that the model has just like that.

        The tap reads some records again until nothing can change any more: transactions whose money
        is held back, days that are not over. The model needs a column `fingerprint`.

        keys: The key of the record.
        rows: Name of the rows to look at, which have the key and `fingerprint`. -#}
    {%- if is_incremental() -%}
not exists (
    select 1
    from {{ this }} as built
    where built.fingerprint = {{ rows }}.fingerprint
        {%- for key in keys %}
        and built.{{ key }} = {{ rows }}.{{ key }}
        {%- endfor %}
)
    {%- else -%}
true
    {%- endif -%}
{% endmacro %}

{% macro avoid_nested_loops() %}
    {#- A hook before a model is built. PostgreSQL expects one row of queries that keep the first row of a
        window, and joins them in nested loops: a thousand items then take seconds, not milliseconds. -#}
    {{- 'set local enable_nestloop = off' if target.type == 'postgres' -}}
{% endmacro %}

{% macro gather_statistics() %}
    {#- A hook after a table was made. Without statistics of a table, PostgreSQL joins it by the account alone,
        which is the same in all rows: a hundred thousand transactions then take minutes. Of tables that
        grow, its own autovacuum keeps the statistics. -#}
    {%- if target.type == 'postgres' and model.config.materialized in ('table', 'incremental') and not is_incremental() -%}
analyze {{ this }}
    {%- endif -%}
{% endmacro %}

{% macro give_memory() %}
    {#- A hook before a model is built. With the 4 MB that PostgreSQL gives to a sort or a hash by default, it
        writes a million lines to files and joins them by sorting, which takes ten times as long. -#}
    {%- if target.type == 'postgres' -%}
select set_config('work_mem', '64MB', true)
where pg_size_bytes(current_setting('work_mem')) < pg_size_bytes('64MB')
    {%- endif -%}
{% endmacro %}

{% macro built_at() %}
    {#- The time of this build, for a column `built_at`: later than that of every row there is, also if
        the clocks of two machines differ. Models on top read what was built since; unlike the times
        of the loader, it says what has changed, to the row. -#}
    {%- set now = "cast('" ~ run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f') ~ "+00' as timestamp with time zone)" -%}
    {%- if is_incremental() -%}
(
    select greatest({{ now }}, max(built.built_at) + interval '1 millisecond')
    from {{ this }} as built
)
    {%- else -%}
{{ now }}
    {%- endif -%}
{% endmacro %}

{% macro was_built_since(built_at='built_at') %}
    {#- A condition that is true of all rows in a full build, and else of those that the model below has
        written since this one was built. The model needs a column `built_at`, too.

        built_at: The time at which the model below was built. -#}
    {%- if is_incremental() -%}
{{ built_at }} > (
    select coalesce(max(built.built_at), timestamp with time zone '1970-01-01 00:00:00+00')
    from {{ this }} as built
)
    {%- else -%}
true
    {%- endif -%}
{% endmacro %}
