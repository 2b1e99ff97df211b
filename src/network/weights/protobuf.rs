//! A walk over the fields of a protobuf message in a file, without a copy of it.

use super::WeightsError;
use std::io::{BufReader, Read, Seek, SeekFrom};

/// A message, and how far it was read.
pub(super) struct Message<'a, R> {
    source: &'a mut BufReader<R>,
    at: u64,
    end: u64,
}

/// One field: its number and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    pub number: u64,
    pub value: Value,
}

/// A value. Only integers are read; for the others it is said where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    Integer(u64),
    /// 4 or 8 bytes.
    Fixed {
        begin: u64,
        end: u64,
    },
    /// Text, bytes, a message or packed numbers.
    Bytes {
        begin: u64,
        end: u64,
    },
}

impl<'a, R: Read + Seek> Message<'a, R> {
    /// The bytes from `begin` to `end`.
    pub fn new(source: &'a mut BufReader<R>, begin: u64, end: u64) -> Result<Self, WeightsError> {
        source.seek(SeekFrom::Start(begin))?;
        Ok(Self {
            source,
            at: begin,
            end,
        })
    }

    /// The next field, or `None` at the end.
    pub fn next(&mut self) -> Result<Option<Field>, WeightsError> {
        if self.at == self.end {
            return Ok(None);
        }
        let key = self.integer()?;
        let value = match key & 7 {
            0 => Value::Integer(self.integer()?),
            1 => self.fixed(8)?,
            5 => self.fixed(4)?,
            2 => {
                let length = self.integer()?;
                let begin = self.at;
                self.skip(length)?;
                Value::Bytes {
                    begin,
                    end: self.at,
                }
            }
            _ => return Err(self.broken("a group or an unknown kind of field")),
        };
        Ok(Some(Field {
            number: key >> 3,
            value,
        }))
    }

    /// All integers that are left: a packed field.
    pub fn packed(&mut self, mut each: impl FnMut(u64)) -> Result<(), WeightsError> {
        while self.at < self.end {
            each(self.integer()?);
        }
        Ok(())
    }

    /// The file under the message, to read a part of it; the walk goes on with [`Message::resume`].
    pub fn source(&mut self) -> &mut BufReader<R> {
        self.source
    }

    /// Goes back to where the walk was.
    pub fn resume(&mut self) -> Result<(), WeightsError> {
        self.source.seek(SeekFrom::Start(self.at))?;
        Ok(())
    }

    /// At most ten bytes of seven bits, the lowest first.
    fn integer(&mut self) -> Result<u64, WeightsError> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            if self.at == self.end {
                return Err(self.broken("the message ends inside a number"));
            }
            let mut byte = [0];
            self.source.read_exact(&mut byte)?;
            self.at += 1;
            value |= u64::from(byte[0] & 0x7f) << shift;
            if byte[0] < 0x80 {
                return Ok(value);
            }
        }
        Err(self.broken("a number of more than ten bytes"))
    }

    fn fixed(&mut self, length: u64) -> Result<Value, WeightsError> {
        let begin = self.at;
        self.skip(length)?;
        Ok(Value::Fixed {
            begin,
            end: self.at,
        })
    }

    fn skip(&mut self, length: u64) -> Result<(), WeightsError> {
        if length > self.end - self.at {
            return Err(self.broken("a field is longer than its message"));
        }
        self.at += length;
        // Within the buffer this moves a pointer and reads nothing.
        self.source.seek_relative(length as i64)?;
        Ok(())
    }

    fn broken(&self, reason: &'static str) -> WeightsError {
        WeightsError::Onnx {
            reason,
            at: self.at,
        }
    }
}
