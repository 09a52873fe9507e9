{% test related(model, columns, to) %}
{#- Another model has the values of some columns, in columns of the same names. Rows in which one of
    them is null are left out. -#}
select
    {{ columns | join(', ') }}
from {{ model }}
where {% for column in columns %}{{ column }} is not null{{ ' and ' if not loop.last }}{% endfor %}

except
select
    {{ columns | join(', ') }}
from {{ to }}
{% endtest %}
