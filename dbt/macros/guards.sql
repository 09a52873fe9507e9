{% macro refuse_schema_of_loader() %}
    {#- `orders` is a table of the loader and a model: in one schema, dbt would replace the table. -#}
    {%- if execute and target.schema | lower == var('amazon_sp_schema') | lower -%}
        {%- do exceptions.raise_compiler_error(
            'The models would replace the tables of the loader, because both have the schema `'
            ~ target.schema ~ '`. Give dbt another schema (in profiles.yml, or DBT_SCHEMA).'
        ) -%}
    {%- endif -%}
{% endmacro %}
