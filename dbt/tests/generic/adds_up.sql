{% test adds_up(model, total, parts) %}
{#- In each row, some columns add up to another. Null counts as 0. -#}
select *
from {{ model }}
where coalesce({{ total }}, 0) <> {% for part in parts %}coalesce({{ part }}, 0){{ ' + ' if not loop.last }}{% endfor %}
{% endtest %}
