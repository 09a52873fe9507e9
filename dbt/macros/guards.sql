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
