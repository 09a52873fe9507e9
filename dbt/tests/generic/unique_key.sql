{% test unique_key(model, columns) %}
{#- No two rows have the same values in some columns; null counts as a value. -#}
select
    {{ columns | join(', ') }},
    count(*) as found
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
