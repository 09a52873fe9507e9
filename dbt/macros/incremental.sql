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
