{#
    The tables of the loader, as they are: which exist, which columns they have, and how nested
    values are stored differs with the loader, its settings and the synced streams. These macros
    look at the table when a model is compiled, so that a model works on all of them.
#}

{% macro raw_table(stream, family=none) %}
    {#- Look up the table of a stream.

        Returns a dict: `relation` (none if there is no such table, or its family is switched off),
        and `columns`, a dict from folded names to {name, type}. -#}
    {%- set table = source('amazon_sp', stream) -%}
    {%- set found = {'stream': stream, 'relation': none, 'columns': {}} -%}
    {%- if execute and (family is none or var('amazon_sp_' ~ family)) -%}
        {%- set relation = load_relation(table) -%}
        {%- if relation is not none -%}
            {%- do found.update({'relation': relation}) -%}
            {%- for column in adapter.get_columns_in_relation(relation) -%}
                {%- do found['columns'].update({
                    amazon_sp.folded(column.name): {'name': column.name, 'type': column.dtype | lower}
                }) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
    {{- return(found) -}}
{% endmacro %}

{% macro raw_tables(streams, family=none) %}
    {#- Look up the tables of several streams that have the same things.

        Returns what `raw_table` returns, of those that exist; of the first if none does. -#}
    {%- set found = [] -%}
    {%- for stream in streams -%}
        {%- do found.append(amazon_sp.raw_table(stream, family)) -%}
    {%- endfor -%}
    {{- return((found | selectattr('relation') | list) or found[:1]) -}}
{% endmacro %}

{% macro folded(name) %}
    {#- Loaders write `orderId` as `orderId`, `orderid` or `order_id`. Leading underscores count. -#}
    {%- set plain = name | lower -%}
    {{- return(('_' if plain.startswith('_') else '') ~ plain.replace('_', '')) -}}
{% endmacro %}

{% macro from_raw(raw) %}
    {#- The FROM clause of a model that reads a table of the loader: without the table, no rows.
        Rows that a loader has marked as deleted are left out. -#}
    {%- if raw['relation'] is none -%}
from (select 1 as nothing) as raw
where false
    {%- elif '_sdcdeletedat' in raw['columns'] -%}
from {{ raw['relation'] }} as raw
where raw.{{ adapter.quote(raw['columns']['_sdcdeletedat']['name']) }} is null
    {%- else -%}
from {{ raw['relation'] }} as raw
where true
    {%- endif -%}
{% endmacro %}

{% macro raw_value(raw, paths, type='text') %}
    {#- An expression for a value of a table of the loader, with a type.

        paths: where Amazon has it, as `proceeds.grandTotal.amount`; several for names of several
            versions of an API, the first that is not null counts. Flattened columns
            (`proceeds__grandTotal__amount`) are found, too.
        type: text, number, integer, boolean, timestamp (with zone), date or json.
        What the table lacks is null. -#}
    {%- set found = [] -%}
    {%- for path in ([paths] if paths is string else paths) -%}
        {%- set expression = amazon_sp._raw_value_at(raw, path, type) -%}
        {%- if expression -%}{%- do found.append(expression) -%}{%- endif -%}
    {%- endfor -%}
    {%- if not found -%}
cast(null as {{ amazon_sp.type_named(type) }})
    {%- elif found | length == 1 -%}
{{ found[0] }}
    {%- else -%}
coalesce({{ found | join(', ') }})
    {%- endif -%}
{% endmacro %}

{% macro _raw_value_at(raw, path, type) %}
    {%- set steps = path.split('.') -%}
    {#- The longest beginning of the path that is a column; the rest lies inside its JSON. -#}
    {%- for count in range(steps | length, 0, -1) -%}
        {%- set names = amazon_sp._flattened_names(steps[:count]) -%}
        {%- set name = names | select('in', raw['columns']) | first -%}
        {%- if name -%}
            {%- set column = raw['columns'][name] -%}
            {%- set quoted = 'raw.' ~ adapter.quote(column['name']) -%}
            {%- if count == steps | length -%}
                {{- return(amazon_sp.converted(quoted, column['type'], type)) -}}
            {%- endif -%}
            {%- set document = amazon_sp.as_json(quoted, column['type']) -%}
            {{- return(amazon_sp.json_value(document, steps[count:] | join('.'), type)) -}}
        {%- endif -%}
    {%- endfor -%}
    {{- return('') -}}
{% endmacro %}

{% macro _flattened_names(steps) %}
    {#- The folded names that a column for a path may have. In names that are too long, the SDK of
        Singer shortens one step after another: `id__researchingQuantity__...` is inside
        `inventoryDetails`. Source: flatten_key in singer_sdk.helpers._flattening. -#}
    {%- set names = [amazon_sp.folded(steps | join('_'))] -%}
    {%- set short = [] -%}
    {%- for step in steps if steps | length > 1 -%}
        {%- set words = [] -%}
        {%- for word in step.split('_') if word -%}
            {%- do words.append((word[0] | upper) ~ word[1:]) -%}
        {%- endfor -%}
        {%- set capitals = modules.re.sub('[a-z]', '', words | join) -%}
        {%- do short.append(capitals if capitals | length > 1 else step[:3]) -%}
        {%- do names.append(amazon_sp.folded((short + steps[short | length:]) | join('_'))) -%}
    {%- endfor -%}
    {{- return(names) -}}
{% endmacro %}

{% macro raw_account(raw) %}
    {#- The account of a row, with the setting `accounts`; else empty. -#}
coalesce({{ amazon_sp.raw_value(raw, '_account') }}, '')
{%- endmacro %}

{% macro raw_loaded_at(raw) %}
    {#- When the loader wrote a row; null if it does not say so. -#}
    {{- amazon_sp.raw_value(raw, ['_sdc_batched_at', '_sdc_received_at', '_sdc_extracted_at'], 'timestamp') -}}
{% endmacro %}

{% macro raw_read_at(raw) %}
    {#- When the tap read a row; null if the loader does not say so. -#}
    {{- amazon_sp.raw_value(raw, '_sdc_extracted_at', 'timestamp') -}}
{% endmacro %}

{% macro tells_loading_time(raw) %}
    {#- Whether the loader says when it wrote a row. -#}
    {%- set names = ['_sdcbatchedat', '_sdcreceivedat', '_sdcextractedat'] -%}
    {{- return(names | select('in', raw['columns']) | list | length > 0) -}}
{% endmacro %}
