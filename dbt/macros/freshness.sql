{% macro newest_load(stream) %}
    {#- A query for the time at which the loader last wrote a row of a stream.

        A stream without rows is left out, with a warning, unless the variable `amazon_sp_streams`
        says that it is synced. -#}
    {%- set raw = amazon_sp.raw_table(stream) -%}
    {%- set table = source('amazon_sp', stream) -%}
    {%- if raw['relation'] is none -%}
        {%- set problem = 'there is no table ' ~ table.schema ~ '.' ~ table.identifier -%}
    {%- elif not run_query('select 1 from ' ~ raw['relation'] ~ ' limit 1').rows -%}
        {%- set problem = 'the table ' ~ table.schema ~ '.' ~ table.identifier ~ ' is empty' -%}
    {%- elif not amazon_sp.tells_loading_time(raw) -%}
        {%- do exceptions.raise_compiler_error(
            'The loader does not say when it wrote the rows of ' ~ stream ~ '. Set add_metadata_columns'
            ~ ' (or add_record_metadata) of the loader to true.'
        ) -%}
    {%- endif -%}
    {%- if not problem -%}
select max({{ amazon_sp.raw_loaded_at(raw) }}) from {{ raw['relation'] }} as raw
    {%- elif stream in var('amazon_sp_streams') -%}
        {%- do exceptions.raise_compiler_error(
            'The variable amazon_sp_streams says that ' ~ stream ~ ' is synced, but ' ~ problem ~ '.'
        ) -%}
    {%- elif not adapter.check_schema_exists(table.database, table.schema) -%}
        {%- do exceptions.raise_compiler_error(
            'There is no schema ' ~ table.schema ~ '. The variable amazon_sp_schema says where the loader writes.'
        ) -%}
    {%- else -%}
        {%- do exceptions.warn('The stream ' ~ stream ~ ' is not checked, because ' ~ problem ~ '.') -%}
select current_timestamp
    {%- endif -%}
{% endmacro %}
