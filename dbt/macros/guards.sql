{% macro refuse_schemas() %}
    {{- amazon_sp.refuse_schema_of_loader() -}}
    {{- amazon_sp.refuse_schema_of_file() -}}
{% endmacro %}

{% macro refuse_schema_of_file() %}
    {#- DuckDB calls a database as its file, and takes `sales.orders` for neither a database nor a schema
        if both are called `sales`. -#}
    {%- set tables = graph.sources.values() | selectattr('source_name', 'equalto', 'amazon_sp') if execute else [] -%}
    {%- set schemas = [target.schema, target.schema ~ '_staging'] + tables | map(attribute='schema') | list -%}
    {%- if target.type == 'duckdb' and target.database | lower in schemas | map('lower') | list -%}
        {%- do exceptions.raise_compiler_error(
            'The file of DuckDB and a schema are both called `' ~ target.database
            ~ '`, and DuckDB cannot tell which of them is meant. Rename the file (path in profiles.yml, or '
            ~ 'DBT_DUCKDB_PATH), or use another schema.'
        ) -%}
    {%- endif -%}
{% endmacro %}

{% macro refuse_schema_of_loader() %}
    {#- `orders` is a table of the loader and a model: in one schema, dbt would replace the table. -#}
    {%- set tables = graph.sources.values() | selectattr('source_name', 'equalto', 'amazon_sp') if execute else [] -%}
    {%- if target.schema | lower in tables | map(attribute='schema') | map('lower') | list -%}
        {%- do exceptions.raise_compiler_error(
            'The models would replace the tables of the loader, because both have the schema `'
            ~ target.schema ~ '`. Give dbt another schema (in profiles.yml, or DBT_SCHEMA).'
        ) -%}
    {%- endif -%}
{% endmacro %}
