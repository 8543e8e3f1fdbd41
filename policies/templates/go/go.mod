module hooke.policy/my-policy

go 1.25
